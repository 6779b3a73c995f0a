-- title: 企业码诉求办理方式
-- definition: 当月发生、来源渠道为企业码的群众诉求，按办理方式（即时、限时、会诊等）；办结率为其中已有办结时间或结果的比重。
-- domain: requests
-- part: domains
-- requires: requests.form
-- column: 已办结 requests.resolved_at requests.outcome
-- column: 办结率 requests.resolved_at requests.outcome
with counted as (
    select
        form,
        count(*) as n,
        count(*) filter (where resolved_at is not null or outcome <> 'unsolved') as closed
    from requests, period
    where day between month_start and month_end and channel = 'enterprise_code'
    group by form
)

select
    coalesce(labels.label, '未填报') as "办理方式",
    n as "件数",
    n / cast(sum(n) over () as double) as "占比",
    closed as "已办结",
    closed / cast(n as double) as "办结率"
from counted
left join labels on labels.list = 'form' and labels.code = counted.form
order by n desc, "办理方式"
