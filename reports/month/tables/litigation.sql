-- title: 诉讼收案、诉前分流和调撤
-- definition: 当月收案；每万人收案为除以本月初各乡镇常住人口之和（有乡镇未填人口的为“—”）；诉前分流、调撤为填报件数，率为占其中填报了该项的件的比重。没有数据报送的月份为“—”。
-- domain: litigation
-- part: domains
-- column: 诉前分流 litigation.diverted
-- column: 分流率 litigation.diverted
-- column: 已结 litigation.outcome
-- column: 调解撤诉 litigation.outcome
-- column: 调撤率 litigation.outcome
with counted as (
    select
        spans.n,
        count(*) as filed,
        count(*) filter (where diverted) as diverted,
        count(diverted) as known,
        count(*) filter (where outcome <> 'unsolved') as closed,
        count(*) filter (where outcome in ('settled', 'dropped')) as settled
    from litigation
    join spans on day between first_day and last_day
    group by spans.n
),

residents as (
    select case when count(population) = count(*) then sum(population) end as population from exposures
)

select
    spans.label as "时间",
    case when delivered then coalesce(filed, 0) end as "收案",
    case when delivered then coalesce(filed, 0) end / nullif(population, 0) * 10000 as "每万人收案",
    case when delivered then coalesce(diverted, 0) end as "诉前分流",
    diverted / nullif(cast(known as double), 0) as "分流率",
    case when delivered then coalesce(closed, 0) end as "已结",
    case when delivered then coalesce(settled, 0) end as "调解撤诉",
    settled / nullif(cast(closed as double), 0) as "调撤率"
from delivery
cross join residents
join spans on spans.n = delivery.n
left join counted on counted.n = spans.n
where delivery.domain = 'litigation'
order by spans.n
