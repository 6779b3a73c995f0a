-- title: 信访件次、人次和形式
-- definition: 当月发生的信访。人次为填报人数之和；重访、集访、越级访为填报为“是”的件数，未填报的件不计为“否”，都未填报的月份为“—”；来信、网上、来电以件计，来访以批计，来访人次为来访的填报人数之和。没有数据报送的月份为“—”。
-- domain: petitions
-- part: domains
-- column: 来信（件） petitions.form
-- column: 网上（件） petitions.form
-- column: 来电（件） petitions.form
-- column: 来访（批） petitions.form
-- column: 来访人次 petitions.form
with counted as (
    select
        spans.n,
        count(*) as cases,
        sum(persons) as persons,
        count(repeated) as says_repeated,
        count(*) filter (where not repeated) as first_time,
        count(*) filter (where repeated) as repeated,
        count(collective) as says_collective,
        count(*) filter (where collective) as collective,
        count(beyond_level) as says_beyond_level,
        count(*) filter (where beyond_level) as beyond_level,
        count(form) as says_form,
        count(*) filter (where form = 'letter') as letters,
        count(*) filter (where form = 'online') as online,
        count(*) filter (where form = 'phone') as calls,
        count(*) filter (where form = 'visit') as visits,
        sum(persons) filter (where form = 'visit') as visitors
    from petitions
    join spans on day between first_day and last_day
    group by spans.n
)

select
    spans.label as "时间",
    case when delivered then coalesce(cases, 0) end as "件次",
    persons as "人次",
    case when says_repeated > 0 then first_time end as "初访",
    case when says_repeated > 0 then repeated end as "重访",
    case when says_collective > 0 then collective end as "集访",
    case when says_beyond_level > 0 then beyond_level end as "越级访",
    case when says_form > 0 then letters end as "来信（件）",
    case when says_form > 0 then online end as "网上（件）",
    case when says_form > 0 then calls end as "来电（件）",
    case when says_form > 0 then visits end as "来访（批）",
    case when says_form > 0 then visitors end as "来访人次"
from delivery
join spans on spans.n = delivery.n
left join counted on counted.n = spans.n
where delivery.domain = 'petitions'
order by spans.n
