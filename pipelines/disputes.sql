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
--   civil_to_criminal   turned into a criminal case, of those accepted
--   mediation_success   mediated with success, of those that ended
--   lowest_level        resolved in grid or village, of those resolved at a known level
--   resolution_rate     resolved by now, of those that fell due (a case not yet due says nothing)
--   overdue             not resolved by the limit, of those that fell due
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
        sum(case when outcome = 'mediated' then 1 else 0 end) as mediated,
        count(outcome) as ended,
        sum(case when resolved_level in ('grid', 'village') then 1 else 0 end) as lowest_level,
        count(resolved_level) as levelled
    from events
    group by day, recorded_day, area_code, category
),

names (indicator) as (
    values ('events'), ('civil_to_criminal'), ('mediation_success'), ('lowest_level')
),

occurred as (
    select
        day,
        recorded_day,
        area_code,
        indicator,
        category,
        case indicator
            when 'events' then events
            when 'civil_to_criminal' then turned_criminal
            when 'mediation_success' then mediated
            when 'lowest_level' then lowest_level
        end as num,
        case indicator
            when 'events' then 0
            when 'civil_to_criminal' then events
            when 'mediation_success' then ended
            when 'lowest_level' then levelled
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
        sum(case when resolved_at is not null then 1 else 0 end) as resolved,
        sum(case when resolved_at is null or resolved_at > due_at then 1 else 0 end) as overdue
    from events
    where due_day is not null
    group by due_day, recorded_day, area_code, category
),

due_names (indicator) as (
    values ('resolution_rate'), ('overdue')
),

fell_due as (
    select
        day,
        recorded_day,
        area_code,
        indicator,
        category,
        case indicator when 'resolution_rate' then resolved else overdue end as num,
        cases as den
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
