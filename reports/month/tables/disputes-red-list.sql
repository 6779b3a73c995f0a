-- title: 超期未化解矛盾纠纷清单
-- definition: 截至统计时点，当月及以前发生、办理期限已过（期限日的次日起）且尚无化解时间、也无结果的矛盾纠纷，按人数、金额和超期天数排列，所列件数见models/month.toml。编号为来源系统的编号。
-- domain: disputes
-- part: risks
-- requires: disputes.resolved_at disputes.outcome
with open as (
    select
        event_id,
        township,
        category,
        persons,
        amount,
        as_of_epoch_day - cast(floor((date_part('epoch', due_at) + offset_seconds) / 86400) as bigint) as days
    from disputes
    left join townships on townships.code = disputes.area_code
    cross join period
    where due_at is not null and resolved_at is null and (outcome is null or outcome = 'unsolved') and day <= month_end
),

listed as (
    select
        open.*,
        row_number() over (order by coalesce(persons, 0) desc, coalesce(amount, 0) desc, days desc, event_id) as place
    from open
    where days > 0
)

select
    event_id as "编号",
    coalesce(township, '未落到乡镇') as "乡镇",
    labels.label as "类型",
    persons as "人数",
    cast(amount as double) / 10000 as "金额（万元）",
    days as "超期天数"
from listed
cross join limits
left join labels on labels.list = 'category' and labels.domain = 'disputes' and labels.code = listed.category
where place <= limits.cases
order by place
