-- title: 矛盾纠纷分诊等级
-- definition: 当月发生的矛盾纠纷，按分诊等级；时限为自受理起的化解天数（models/month.toml）；按时化解率为时限内化解的件占受理和化解时间都已填报、或在统计时点（当日终）时限已过仍未化解的件的比重；办结率为其中已有结果的比重。
-- domain: disputes
-- part: domains
-- requires: disputes.grade
-- column: 按时化解 disputes.resolved_at
-- column: 按时化解率 disputes.resolved_at
-- column: 已有结果 disputes.outcome
-- column: 办结率 disputes.outcome
with cases as (
    select
        grade,
        outcome,
        coalesce(grades.days, limits.resolve_days) as days,
        date_part('epoch', resolved_at) - date_part('epoch', accepted_at) as taken,
        resolved_at is null and (outcome is null or outcome = 'unsolved') as open,
        (as_of_epoch_day + 1) * 86400 - offset_seconds - date_part('epoch', accepted_at) as age
    from disputes
    cross join period
    cross join limits
    left join grades on grades.code = grade
    where day between month_start and month_end
),

counted as (
    select
        grade,
        days,
        count(*) as n,
        count(*) filter (where outcome <> 'unsolved') as ended,
        count(*) filter (where taken <= days * 86400) as kept,
        count(*) filter (where taken is not null or (open and age > days * 86400)) as judged
    from cases
    group by grade, days
)

select
    coalesce(grades.label, '未填报') as "分诊等级",
    counted.days as "时限（天）",
    n as "件数",
    kept as "按时化解",
    kept / nullif(cast(judged as double), 0) as "按时化解率",
    ended as "已有结果",
    ended / cast(n as double) as "办结率"
from counted
left join grades on grades.code = counted.grade
order by n desc, "分诊等级"
