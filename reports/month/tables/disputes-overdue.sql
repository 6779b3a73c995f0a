-- title: 超期未化解矛盾纠纷（按乡镇）
-- definition: 截至统计时点，办理期限已过且尚无化解时间、也无结果的矛盾纠纷；最长超期为天数。
-- domain: disputes
-- part: risks
with open as (
    select
        townships.township,
        as_of_epoch_day - cast(floor((date_part('epoch', due_at) + offset_seconds) / 86400) as bigint) as days
    from disputes
    join townships on townships.code = disputes.area_code
    cross join period
    where due_at is not null and resolved_at is null and outcome is null and day <= month_end
)

select
    township as "乡镇",
    count(*) as "超期件数",
    max(days) as "最长超期（天）",
    count(*) filter (where days > 30) as "超期30天以上"
from open
where days > 0
group by township
order by count(*) desc, township
