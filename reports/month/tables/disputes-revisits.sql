-- title: 调解成功后的回访
-- definition: 当月化解（以化解时间计）且调解成功的矛盾纠纷，按类型；回访率为有回访时间的比重，反复率为回访结果为反复的占填报了回访结果的比重。末行为全部。
-- domain: disputes
-- part: domains
-- requires: disputes.revisited_at disputes.relapsed
with cases as (
    select labels.label as name, revisited_at, relapsed
    from disputes
    cross join period
    left join labels on labels.list = 'category' and labels.domain = 'disputes' and labels.code = category
    where
        outcome = 'mediated'
        and cast(floor((date_part('epoch', resolved_at) + offset_seconds) / 86400) as bigint)
        between month_start_epoch_day and month_end_epoch_day
),

rows as (
    select 0 as last, cases.* from cases
    union all
    select 1, '合计', revisited_at, relapsed from cases
)

select
    name as "类型",
    count(*) as "调解成功",
    count(revisited_at) as "已回访",
    count(revisited_at) / cast(count(*) as double) as "回访率",
    count(*) filter (where relapsed) as "回访反复",
    count(*) filter (where relapsed) / nullif(cast(count(relapsed) as double), 0) as "反复率"
from rows
group by last, name
order by last, count(*) desc, name
