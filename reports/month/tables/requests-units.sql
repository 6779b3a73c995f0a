-- title: 群众诉求承办单位办理情况
-- definition: 当月发生的群众诉求，按主办单位。环比、同比为件数增减，只比较数据报全的月份；按期办结率只计有办理期限的件，为期限内办结占已填报办结时间、或期限已过（期限日的次日起）仍未办结的件的比重；解决率为有结果的件中不是未达成（failed）的比重；满意率为评价4分以上占有评价的比重；重派率、延期率为占填报了该项的件的比重。末行为全部。
-- domain: requests
-- part: domains
-- requires: requests.unit
-- column: 按期办结率 requests.resolved_at
-- column: 解决率 requests.outcome
-- column: 满意率 requests.satisfaction
-- column: 重派率 requests.reassigned
-- column: 延期率 requests.extended
with events as (
    select
        coalesce(labels.label, '未填报') as name,
        day,
        due_at is not null
        and (
            resolved_at is not null
            or ((outcome is null or outcome = 'unsolved') and due_day < as_of_day)
        ) as judged,
        resolved_at <= due_at as in_time,
        outcome,
        satisfaction,
        reassigned,
        extended
    from period
    cross join requests
    left join labels on labels.list = 'unit' and labels.code = unit
    where day between before_start and month_end or day between year_ago_start and year_ago_end
),

rows as (
    select 0 as last, events.* from events
    union all
    select 1, '合计', day, judged, in_time, outcome, satisfaction, reassigned, extended from events
),

counted as (
    select
        last,
        name,
        count(*) filter (where day between month_start and month_end) as n,
        count(*) filter (where day between before_start and before_end) as before,
        count(*) filter (where day between year_ago_start and year_ago_end) as year_ago,
        count(*) filter (where day >= month_start and judged) as judged,
        count(*) filter (where day >= month_start and judged and in_time) as in_time,
        count(*) filter (where day >= month_start and outcome <> 'unsolved') as ended,
        count(*) filter (where day >= month_start and outcome <> 'unsolved' and outcome <> 'failed') as solved,
        count(*) filter (where day >= month_start and satisfaction >= 4) as satisfied,
        count(satisfaction) filter (where day >= month_start) as rated,
        count(*) filter (where day >= month_start and reassigned) as reassigned,
        count(reassigned) filter (where day >= month_start) as says_reassigned,
        count(*) filter (where day >= month_start and extended) as extended,
        count(extended) filter (where day >= month_start) as says_extended
    from period
    cross join rows
    group by last, name
)

select
    name as "承办单位",
    n as "件数",
    n / nullif(cast(sum(case when last = 0 then n end) over () as double), 0) as "占比",
    case when with_before then n / nullif(cast(before as double), 0) - 1 end as "环比",
    case when with_year_ago then n / nullif(cast(year_ago as double), 0) - 1 end as "同比",
    in_time / nullif(cast(judged as double), 0) as "按期办结率",
    solved / nullif(cast(ended as double), 0) as "解决率",
    satisfied / nullif(cast(rated as double), 0) as "满意率",
    reassigned / nullif(cast(says_reassigned as double), 0) as "重派率",
    extended / nullif(cast(says_extended as double), 0) as "延期率"
from counted
join comparable on comparable.domain = 'requests'
where n > 0
order by last, n desc, name
