-- title: 信访件次、人次和形式
-- definition: 当月发生的信访。人次为填报人数之和；重访、集访、越级访为填报为“是”的件数，未填报的件不计为“否”。
-- domain: petitions
-- part: domains
select
    spans.label as "时间",
    count(*) as "件次",
    sum(persons) as "人次",
    case when count(repeated) > 0 then count(*) filter (where not repeated) end as "初访",
    case when count(repeated) > 0 then count(*) filter (where repeated) end as "重访",
    case when count(collective) > 0 then count(*) filter (where collective) end as "集访",
    case when count(beyond_level) > 0 then count(*) filter (where beyond_level) end as "越级访"
from petitions
join spans on day between first_day and last_day
group by spans.label, spans.n
order by spans.n
