-- 矛盾纠纷: disputes found and mediated.
--
-- Grain: one row per day × recorded day × area × indicator × category, as increments: the engine runs this over the versions that came
-- and, with the sign turned, over those they superseded. All sums are whole numbers; den is 0 where the exposure is not among the events.
--
--   day            local day of the event; for resolution_rate and overdue: the day it fell due
--   recorded_day   local day on which the sources knew it
--   area_code      finest area the source names
--
--   events              disputes found: measures diligence, shown and never scored
--   civil_to_criminal   turned into a criminal case, of those that say whether they did
--   mediation_success   mediated with success, of those that ended
--   lowest_level        resolved in grid or village, of those resolved at a known level
--   resolution_rate     resolved by now, of those that fell due (a case not yet due says nothing)
--   overdue             not resolved by the limit, of those that fell due and are open or say when they were resolved
--   …_unknown           of civil_to_criminal, overdue: those that do not say it
with

events as (
    select * from disputes
),

daily as (
    select
        day,
        recorded_day,
        area_code,
        category,
        count(*) as events,
        sum(case when turned_criminal then 1 else 0 end) as turned_criminal,
        count(*) - count(turned_criminal) as turned_criminal_unknown,
        sum(case when outcome = 'mediated' then 1 else 0 end) as mediated,
        sum(case when outcome <> 'unsolved' then 1 else 0 end) as ended,
        sum(case when resolved_level in ('grid', 'village') then 1 else 0 end) as lowest_level,
        count(resolved_level) as levelled
    from events
    group by day, recorded_day, area_code, category
),

-- By number, because a text compared for every row makes the panel a twentieth dearer.
names (n, indicator) as (
    values
        (1, 'events'), (2, 'civil_to_criminal'), (3, 'mediation_success'), (4, 'lowest_level'),
        (5, 'civil_to_criminal_unknown')
),

occurred as (
    select
        day,
        recorded_day,
        area_code,
        indicator,
        category,
        case n
            when 1 then events
            when 2 then turned_criminal
            when 3 then mediated
            when 4 then lowest_level
            when 5 then turned_criminal_unknown
        end as num,
        case n
            when 2 then events - turned_criminal_unknown
            when 3 then ended
            when 4 then levelled
            else 0
        end as den
    from daily
    cross join names
),

due as (
    select
        due_day as day,
        recorded_day,
        area_code,
        category,
        count(*) as cases,
        sum(case when resolved_at is not null or outcome <> 'unsolved' then 1 else 0 end) as resolved,
        sum(case when resolved_at > due_at then 1 else 0 end) as resolved_late,
        sum(case when resolved_at is null and outcome <> 'unsolved' then 1 else 0 end) as resolved_at_unknown
    from events
    where due_day is not null
    group by due_day, recorded_day, area_code, category
),

due_names (n, indicator) as (
    values (1, 'resolution_rate'), (2, 'overdue'), (3, 'overdue_unknown')
),

fell_due as (
    select
        day,
        recorded_day,
        area_code,
        indicator,
        category,
        case n
            when 1 then resolved
            when 2 then cases - resolved + resolved_late
            when 3 then resolved_at_unknown
        end as num,
        case n
            when 1 then cases
            when 2 then cases - resolved_at_unknown
            else 0
        end as den
    from due
    cross join due_names
),

increments as (
    select * from occurred
    union all
    select * from fell_due
)

select * from increments
where num <> 0 or den <> 0
