-- title: 信访件次、人次和形式
-- definition: 当月发生的信访。人次为填报人数之和；重访、集访、越级访为填报为“是”的件数，未填报的件不计为“否”。
-- domain: petitions
-- part: domains
with spans (n, label) as (values (1, '本月'), (2, '上月'), (3, '上年同月')),

in_span as (
    select
        case
            when day between month_start and month_end then 1
            when day between before_start and before_end then 2
            when day between year_ago_start and year_ago_end then 3
        end as n,
        persons,
        repeated,
        collective,
        beyond_level
    from petitions, period
    where day between year_ago_start and month_end
)

select
    spans.label as "时间",
    count(*) as "件次",
    sum(persons) as "人次",
    case when count(repeated) > 0 then count(*) filter (where not repeated) end as "初访",
    case when count(repeated) > 0 then count(*) filter (where repeated) end as "重访",
    case when count(collective) > 0 then count(*) filter (where collective) end as "集访",
    case when count(beyond_level) > 0 then count(*) filter (where beyond_level) end as "越级访"
from in_span
join spans on spans.n = in_span.n
group by spans.label, spans.n
order by spans.n
