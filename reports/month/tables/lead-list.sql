-- title: 拟由领导包案的未结事项清单
-- definition: 截至统计时点，当月及以前发生、尚无化解（办结）时间也无结果，且涉及人数或金额达到界限（models/month.toml）的矛盾纠纷和信访事项，按人数、金额排列，所有件的办结时间和结果都未填报的领域不列；两个领域合计所列件数见models/month.toml；已历天数自发生日起。编号为来源系统的编号。
-- domain: disputes petitions
-- part: risks
-- requires: disputes.resolved_at disputes.outcome petitions.resolved_at petitions.outcome
with events as (
    select 'disputes' as domain, '矛盾纠纷' as name, event_id, day, occurred_at, area_code, category, risk_sector, persons, amount, resolved_at, outcome from disputes
    union all
    select 'petitions', '信访', event_id, day, occurred_at, area_code, category, risk_sector, persons, amount, resolved_at, outcome from petitions
),

says_ended as (
    select domain from events where resolved_at is not null or outcome <> 'unsolved' group by domain
),

listed as (
    select
        events.*,
        township,
        as_of_epoch_day - cast(floor((date_part('epoch', occurred_at) + offset_seconds) / 86400) as bigint) as days,
        row_number() over (order by coalesce(persons, 0) desc, coalesce(amount, 0) desc, events.domain, event_id) as place
    from events
    left join townships on townships.code = events.area_code
    cross join period
    cross join limits
    where
        events.domain in (select domain from says_ended)
        and day <= month_end
        and resolved_at is null
        and (outcome is null or outcome = 'unsolved')
        and (persons >= lead_persons or amount >= lead_amount)
)

select
    name as "领域",
    event_id as "编号",
    coalesce(township, '未落到乡镇') as "乡镇",
    categories.label as "类型",
    sectors.label as "风险领域",
    persons as "人数",
    cast(amount as double) / 10000 as "金额（万元）",
    days as "已历天数"
from listed
cross join limits
left join labels as categories
    on categories.list = 'category' and categories.domain = listed.domain and categories.code = listed.category
left join labels as sectors on sectors.list = 'risk_sector' and sectors.code = listed.risk_sector
where place <= limits.cases
order by place
