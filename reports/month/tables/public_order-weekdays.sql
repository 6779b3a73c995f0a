-- title: 治安警情星期分布
-- definition: 当月发生的治安警情，按发生日的星期；日均为除以当月该星期几的天数。
-- domain: public_order
-- part: domains
with weekdays (n, label) as (
    values (1, '星期一'), (2, '星期二'), (3, '星期三'), (4, '星期四'), (5, '星期五'), (6, '星期六'), (7, '星期日')
),

calendar as (
    select weekday, count(*) as days from days group by weekday
),

counted as (
    select weekday, count(*) as events
    from public_order
    join days on days.day = public_order.day
    group by weekday
)

select
    weekdays.label as "星期",
    coalesce(events, 0) as "起数",
    coalesce(events, 0) / cast(days as double) as "日均"
from weekdays
join calendar on calendar.weekday = weekdays.n
left join counted on counted.weekday = weekdays.n
order by weekdays.n
