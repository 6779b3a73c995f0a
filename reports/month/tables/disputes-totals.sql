-- title: 矛盾纠纷总量、化解和涉及人数、金额
-- definition: 当月发生的矛盾纠纷；化解率为其中已有化解时间或结果的比重（与按到期日计算的指数指标“化解率”口径不同）；人数、金额为填报数之和。
-- domain: disputes
-- part: domains
select
    spans.label as "时间",
    count(*) as "件数",
    count(*) filter (where resolved_at is not null or outcome <> 'unsolved') as "已化解",
    count(*) filter (where resolved_at is not null or outcome <> 'unsolved') / nullif(cast(count(*) as double), 0) as "化解率",
    count(*) filter (where outcome = 'mediated') as "调解成功",
    sum(persons) as "涉及人数",
    cast(sum(amount) as double) / 10000 as "涉及金额（万元）"
from disputes
join spans on day between first_day and last_day
group by spans.label, spans.n
order by spans.n
