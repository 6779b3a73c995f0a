-- title: 重点风险领域
-- definition: 当月发生且填报风险领域（“其他”除外）的十个领域的事件。涉及乡镇为事件所在乡镇数；重大情形为等级为特别重大或重大、集体访、越级访的件数。等级按人数、金额、重大情形和涉及乡镇占比，任一项达到界限（models/month.toml）即为高或中，其余为低；人数、金额未填报的不计。
-- domain: public_order fraud_crime traffic public_safety disputes petitions litigation requests public_opinion key_groups
-- part: risks
-- requires: public_order.risk_sector fraud_crime.risk_sector traffic.risk_sector public_safety.risk_sector disputes.risk_sector petitions.risk_sector litigation.risk_sector requests.risk_sector public_opinion.risk_sector key_groups.risk_sector
with events as (
    select day, area_code, risk_sector, persons, amount, severity <= 2 as grave from public_order
    union all
    select day, area_code, risk_sector, persons, amount, severity <= 2 from fraud_crime
    union all
    select day, area_code, risk_sector, persons, amount, severity <= 2 from traffic
    union all
    select day, area_code, risk_sector, persons, amount, severity <= 2 from public_safety
    union all
    select day, area_code, risk_sector, persons, amount, severity <= 2 from disputes
    union all
    select day, area_code, risk_sector, persons, amount, severity <= 2 or collective or beyond_level from petitions
    union all
    select day, area_code, risk_sector, persons, amount, severity <= 2 from litigation
    union all
    select day, area_code, risk_sector, persons, amount, severity <= 2 from requests
    union all
    select day, area_code, risk_sector, persons, amount, severity <= 2 from public_opinion
    union all
    select day, area_code, risk_sector, persons, amount, severity <= 2 from key_groups
),

counted as (
    select
        risk_sector,
        count(*) as n,
        count(distinct township) as townships,
        sum(persons) as persons,
        sum(amount) as amount,
        count(*) filter (where grave) as grave
    from events
    left join townships on townships.code = events.area_code
    cross join period
    where day between month_start and month_end and risk_sector is not null
    group by risk_sector
),

all_townships as (
    select cast(count(distinct township) as double) as n from townships
),

rated as (
    select
        counted.*,
        case
            when persons >= high_persons or amount >= high_amount or grave >= high_grave or townships >= high_spread * all_townships.n then 1
            when persons >= medium_persons or amount >= medium_amount or grave >= medium_grave or townships >= medium_spread * all_townships.n then 2
            else 3
        end as risk
    from counted
    cross join limits
    cross join all_townships
)

select
    labels.label as "风险领域",
    coalesce(n, 0) as "件数",
    coalesce(townships, 0) as "涉及乡镇",
    persons as "涉及人数",
    cast(amount as double) / 10000 as "涉及金额（万元）",
    coalesce(grave, 0) as "重大情形",
    case risk when 1 then '高' when 2 then '中' when 3 then '低' end as "风险等级"
from labels
left join rated on rated.risk_sector = labels.code
where labels.list = 'risk_sector' and labels.code <> 'other'
order by coalesce(risk, 4), n desc nulls last, labels.code
