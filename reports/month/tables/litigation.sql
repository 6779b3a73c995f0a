-- title: 诉讼收案、诉前分流和调撤
-- definition: 当月收案；诉前分流、调撤为填报件数，率为占其中填报了该项的件的比重。
-- domain: litigation
-- part: domains
select
    spans.label as "时间",
    count(*) as "收案",
    count(*) filter (where diverted) as "诉前分流",
    count(*) filter (where diverted) / nullif(cast(count(diverted) as double), 0) as "分流率",
    count(*) filter (where outcome <> 'unsolved') as "已结",
    count(*) filter (where outcome in ('settled', 'dropped')) as "调解撤诉",
    count(*) filter (where outcome in ('settled', 'dropped')) / nullif(cast(count(*) filter (where outcome <> 'unsolved') as double), 0) as "调撤率"
from litigation
join spans on day between first_day and last_day
group by spans.label, spans.n
order by spans.n
