-- title: 超期未化解矛盾纠纷（按乡镇）
-- definition: 截至统计时点，当月及以前发生、办理期限已过（期限日的次日起）且尚无化解时间、也无结果的矛盾纠纷；最长超期为天数；30天以上含30天。
-- domain: disputes
-- part: risks
-- requires: disputes.resolved_at disputes.outcome
with open as (
    select
        coalesce(townships.township, '未落到乡镇') as township,
        as_of_epoch_day - cast(floor((date_part('epoch', due_at) + offset_seconds) / 86400) as bigint) as days
    from disputes
    left join townships on townships.code = disputes.area_code
    cross join period
    where due_at is not null and resolved_at is null and (outcome is null or outcome = 'unsolved') and day <= month_end
)

select
    township as "乡镇",
    count(*) as "超期件数",
    max(days) as "最长超期（天）",
    count(*) filter (where days >= 30) as "超期30天以上"
from open
where days > 0
group by township
order by count(*) desc, township
