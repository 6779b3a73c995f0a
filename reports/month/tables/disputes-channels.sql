-- title: 四调对接
-- definition: 当月发生的矛盾纠纷，来源渠道为诉调、警调、访调、检调的；调解成功率为调解成功占已有结果的比重；化解率为已有化解时间或结果的比重；现场调解为填报为现场调解的件数，后续联动为填报为不是现场调解的件数，未填报的两项均不计。
-- domain: disputes
-- part: domains
-- column: 现场调解 disputes.on_site
-- column: 后续联动 disputes.on_site
-- column: 调解成功率 disputes.outcome
-- column: 化解率 disputes.resolved_at disputes.outcome
-- column: 引导诉讼 disputes.outcome
-- column: 调解成功 disputes.outcome
-- column: 已有结果 disputes.outcome
with counted as (
    select
        channel,
        count(*) as n,
        count(*) filter (where outcome <> 'unsolved') as ended,
        count(*) filter (where resolved_at is not null or outcome <> 'unsolved') as resolved,
        count(*) filter (where outcome = 'mediated') as mediated,
        count(*) filter (where outcome = 'to_court') as to_court,
        count(*) filter (where on_site) as on_site,
        count(*) filter (where not on_site) as later
    from disputes, period
    where day between month_start and month_end
    group by channel
)

select
    labels.label as "渠道",
    coalesce(n, 0) as "件数",
    coalesce(on_site, 0) as "现场调解",
    coalesce(later, 0) as "后续联动",
    coalesce(ended, 0) as "已有结果",
    coalesce(mediated, 0) as "调解成功",
    coalesce(to_court, 0) as "引导诉讼",
    mediated / nullif(cast(ended as double), 0) as "调解成功率",
    resolved / nullif(cast(n as double), 0) as "化解率"
from labels
left join counted on counted.channel = labels.code
where labels.list = 'channel' and labels.code in ('court', 'police', 'petition', 'procuratorate')
order by case labels.code when 'court' then 1 when 'police' then 2 when 'petition' then 3 else 4 end
