-- title: 反复出现的当事人
-- definition: 截至月末一年内矛盾纠纷中同一当事人（按加密标识）出现的次数；列两次、三次、四次和五次以上各有多少当事人、涉及多少件。标识缺失的件不计。
-- domain: disputes
-- part: risks
-- requires: disputes.party_hash
with parties as (
    select party_hash, count(*) as n
    from disputes, period
    where party_hash is not null and day > year_ago_end and day <= month_end
    group by party_hash
)

select
    case when n >= 5 then '5次以上' else cast(n as varchar) || '次' end as "出现次数",
    count(*) as "当事人数",
    sum(n) as "涉及件数"
from parties
where n >= 2
group by 1
order by min(n)
