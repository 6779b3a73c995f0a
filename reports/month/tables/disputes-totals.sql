-- title: 矛盾纠纷总量、化解和涉及人数、金额
-- definition: 当月发生的矛盾纠纷；化解率为其中已有化解时间或结果的比重（与按到期日计算的指数指标“化解率”口径不同）；人数、金额为填报数之和。
-- domain: disputes
-- part: domains
with spans (n, label) as (values (1, '本月'), (2, '上月'), (3, '上年同月')),

in_span as (
    select
        case
            when day between month_start and month_end then 1
            when day between before_start and before_end then 2
            when day between year_ago_start and year_ago_end then 3
        end as n,
        resolved_at is not null or outcome <> 'unsolved' as ended,
        outcome = 'mediated' as mediated,
        persons,
        amount
    from disputes, period
    where day between year_ago_start and month_end
)

select
    spans.label as "时间",
    count(*) as "件数",
    count(*) filter (where ended) as "已化解",
    count(*) filter (where ended) / nullif(cast(count(*) as double), 0) as "化解率",
    count(*) filter (where mediated) as "调解成功",
    sum(persons) as "涉及人数",
    cast(sum(amount) as double) / 10000 as "涉及金额（万元）"
from in_span
join spans on spans.n = in_span.n
group by spans.label, spans.n
order by spans.n
