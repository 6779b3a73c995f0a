-- title: 矛盾纠纷总量、化解和涉及人数、金额
-- definition: 当月发生的矛盾纠纷；化解率为其中已有化解时间或结果的比重（与按到期日计算的指数指标“化解率”口径不同）；人数、金额为填报数之和。没有数据报送的月份为“—”。
-- domain: disputes
-- part: domains
-- column: 已化解 disputes.resolved_at disputes.outcome
-- column: 化解率 disputes.resolved_at disputes.outcome
-- column: 调解成功 disputes.outcome
with counted as (
    select
        spans.n,
        count(*) as cases,
        count(*) filter (where resolved_at is not null or outcome <> 'unsolved') as resolved,
        count(*) filter (where outcome = 'mediated') as mediated,
        sum(persons) as persons,
        sum(amount) as amount
    from disputes
    join spans on day between first_day and last_day
    group by spans.n
)

select
    spans.label as "时间",
    case when delivered then coalesce(cases, 0) end as "件数",
    case when delivered then coalesce(resolved, 0) end as "已化解",
    resolved / nullif(cast(cases as double), 0) as "化解率",
    case when delivered then coalesce(mediated, 0) end as "调解成功",
    persons as "涉及人数",
    cast(amount as double) / 10000 as "涉及金额（万元）"
from delivery
join spans on spans.n = delivery.n
left join counted on counted.n = spans.n
where delivery.domain = 'disputes'
order by spans.n
