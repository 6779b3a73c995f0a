-- title: 诉讼收案、诉前分流和调撤
-- definition: 当月收案；诉前分流、调撤为填报件数，率为占其中填报了该项的件的比重。
-- domain: litigation
-- part: domains
with spans (n, label) as (values (1, '本月'), (2, '上月'), (3, '上年同月')),

in_span as (
    select
        case
            when day between month_start and month_end then 1
            when day between before_start and before_end then 2
            when day between year_ago_start and year_ago_end then 3
        end as n,
        diverted,
        outcome
    from litigation, period
    where day between year_ago_start and month_end
)

select
    spans.label as "时间",
    count(*) as "收案",
    count(*) filter (where diverted) as "诉前分流",
    count(*) filter (where diverted) / nullif(cast(count(diverted) as double), 0) as "分流率",
    count(*) filter (where outcome <> 'unsolved') as "已结",
    count(*) filter (where outcome in ('settled', 'dropped')) as "调解撤诉",
    count(*) filter (where outcome in ('settled', 'dropped')) / nullif(cast(count(*) filter (where outcome <> 'unsolved') as double), 0) as "调撤率"
from in_span
join spans on spans.n = in_span.n
group by spans.label, spans.n
order by spans.n
