-- title: 重点风险领域
-- definition: 当月发生且填报风险领域（“其他”除外）的各领域事件。涉及乡镇为事件所在乡镇数。等级按该领域合计：涉及100人以上或1000万元以上为高，30人以上或100万元以上为中，其余为低（界限可在此文件中修改）；人数、金额未填报的不计。
-- domain: disputes petitions litigation requests
-- part: risks
with events as (
    select day, area_code, risk_sector, persons, amount from disputes
    union all
    select day, area_code, risk_sector, persons, amount from petitions
    union all
    select day, area_code, risk_sector, persons, amount from litigation
    union all
    select day, area_code, risk_sector, persons, amount from requests
),

counted as (
    select
        risk_sector,
        count(*) as n,
        count(distinct township) as townships,
        sum(persons) as persons,
        sum(amount) as amount
    from events
    left join townships on townships.code = events.area_code
    cross join period
    where day between month_start and month_end and risk_sector is not null
    group by risk_sector
)

select
    labels.label as "风险领域",
    coalesce(n, 0) as "件数",
    coalesce(townships, 0) as "涉及乡镇",
    persons as "涉及人数",
    cast(amount as double) / 10000 as "涉及金额（万元）",
    case
        when n is null then null
        when persons >= 100 or amount >= 10000000 then '高'
        when persons >= 30 or amount >= 1000000 then '中'
        else '低'
    end as "风险等级"
from labels
left join counted on counted.risk_sector = labels.code
where labels.list = 'risk_sector' and labels.code <> 'other'
order by case when persons >= 100 or amount >= 10000000 then 1 when persons >= 30 or amount >= 1000000 then 2 else 3 end, n desc nulls last, labels.code
