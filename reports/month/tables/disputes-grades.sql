-- title: 矛盾纠纷分诊等级
-- definition: 当月发生的矛盾纠纷，按分诊等级；办结率为其中已有结果的比重。
-- domain: disputes
-- part: domains
with counted as (
    select grade, count(*) as n, count(*) filter (where outcome <> 'unsolved') as ended
    from disputes, period
    where day between month_start and month_end
    group by grade
)

select
    coalesce(labels.label, '未填报') as "分诊等级",
    n as "件数",
    ended as "已有结果",
    ended / cast(n as double) as "办结率"
from counted
left join labels on labels.list = 'grade' and labels.code = counted.grade
order by n desc, "分诊等级"
