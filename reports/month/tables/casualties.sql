-- title: 交通事故和公共安全事件伤亡情况
-- definition: 起数为当月事件数；死亡、受伤为其中填报的人数之和，未填报的不计入；“未填报起数”为死亡或受伤人数未填报的。
-- domain: traffic public_safety
-- part: domains
with events as (
    select '交通安全' as name, day, deaths, injured from traffic
    union all
    select '公共安全' as name, day, deaths, injured from public_safety
)

select
    name as "领域",
    spans.label as "时间",
    count(*) as "起数",
    sum(deaths) as "死亡人数",
    sum(injured) as "受伤人数",
    count(*) filter (where deaths is null or injured is null) as "未填报起数"
from events
join spans on day between first_day and last_day
group by name, spans.label, spans.n
order by name, spans.n
