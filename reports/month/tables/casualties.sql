-- title: 交通事故和公共安全事件伤亡、损失情况
-- definition: 起数为当月事件数；死亡、受伤、损失为其中填报数之和，未填报的不计入；“未填报起数”为死亡或受伤人数未填报的；“其中：火灾”为公共安全中类型为火灾的。没有数据报送的月份为“—”，当月没有数据报送的领域不列。
-- domain: traffic public_safety
-- part: domains
with events as (
    select 'traffic' as domain, 1 as place, '交通安全' as name, day, deaths, injured, amount from traffic
    union all
    select 'public_safety', 2, '公共安全', day, deaths, injured, amount from public_safety
    union all
    select 'public_safety', 3, '其中：火灾', day, deaths, injured, amount from public_safety where category = 'fire'
),

names (domain, place, name) as (
    values ('traffic', 1, '交通安全'), ('public_safety', 2, '公共安全'), ('public_safety', 3, '其中：火灾')
),

counted as (
    select
        place,
        spans.n,
        count(*) as events,
        sum(deaths) as deaths,
        sum(injured) as injured,
        sum(amount) as amount,
        count(*) filter (where deaths is null or injured is null) as unknown
    from events
    join spans on day between first_day and last_day
    group by place, spans.n
)

select
    name as "领域",
    spans.label as "时间",
    case when delivered then coalesce(events, 0) end as "起数",
    case when delivered and events is null then 0 else deaths end as "死亡人数",
    case when delivered and events is null then 0 else injured end as "受伤人数",
    cast(amount as double) / 10000 as "损失（万元）",
    case when delivered then coalesce(unknown, 0) end as "未填报起数"
from names
join delivery on delivery.domain = names.domain
join spans on spans.n = delivery.n
left join counted on counted.place = names.place and counted.n = spans.n
where names.domain in (select domain from delivery where n = 1 and delivered)
order by names.place, spans.n
