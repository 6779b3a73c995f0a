-- title: 调解成功后再发的矛盾纠纷
-- definition: 当月发生且有当事人标识的矛盾纠纷，按类型；再发为同一当事人（按加密标识）同一类型的纠纷此前调解成功、本件在其化解后若干天（models/month.toml，每天24小时）内发生的件，此前没有标识或化解时间的件无从比对。末行为全部。
-- domain: disputes
-- part: risks
-- requires: disputes.party_hash
with mediated as (
    select party_hash, category, date_part('epoch', resolved_at) as at
    from disputes
    where outcome = 'mediated' and resolved_at is not null and party_hash is not null
),

cases as (
    select event_id, party_hash, category, date_part('epoch', occurred_at) as at
    from disputes, period
    where day between month_start and month_end and party_hash is not null
),

again as (
    select distinct cases.event_id
    from cases
    join mediated on mediated.party_hash = cases.party_hash and mediated.category = cases.category
    cross join limits
    where cases.at > mediated.at and cases.at <= mediated.at + relapse_days * 86400
),

marked as (
    select labels.label as name, again.event_id is not null as relapsed
    from cases
    left join again on again.event_id = cases.event_id
    left join labels on labels.list = 'category' and labels.domain = 'disputes' and labels.code = cases.category
),

rows as (
    select 0 as last, marked.* from marked
    union all
    select 1, '合计', relapsed from marked
)

select
    name as "类型",
    count(*) as "有标识件数",
    count(*) filter (where relapsed) as "再发件数",
    count(*) filter (where relapsed) / cast(count(*) as double) as "再发率"
from rows
group by last, name
order by last, count(*) filter (where relapsed) desc, count(*) desc, name
