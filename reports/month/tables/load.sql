-- title: 网格、网格员和调解室工作量
-- definition: 当月发生、能落到乡镇的矛盾纠纷和群众诉求，除以辖区登记（areas.csv、exposures.csv）的网格、网格员数，未登记或为零的不除；每调解室件数只计矛盾纠纷，没有的乡镇为零。有网格编号的件数看网格上报是否规范。
-- domain: disputes requests
-- part: annex
-- requires: exposures.grids exposures.grid_workers exposures.mediation_rooms
-- column: 网格 exposures.grids
-- column: 每网格件数 exposures.grids
-- column: 网格员 exposures.grid_workers
-- column: 每网格员件数 exposures.grid_workers
-- column: 调解室 exposures.mediation_rooms
-- column: 每调解室件数 exposures.mediation_rooms
with events as (
    select day, area_code, grid_code, 1 as dispute from disputes
    union all
    select day, area_code, grid_code, 0 from requests
),

counted as (
    select township, count(*) as n, sum(dispute) as disputes, count(grid_code) as in_grids
    from events
    join townships on townships.code = events.area_code
    cross join period
    where day between month_start and month_end
    group by township
)

select
    exposures.township as "乡镇",
    coalesce(n, 0) as "件数",
    coalesce(in_grids, 0) as "有网格编号",
    cast(grids as bigint) as "网格",
    coalesce(n, 0) / nullif(grids, 0) as "每网格件数",
    cast(grid_workers as bigint) as "网格员",
    coalesce(n, 0) / nullif(grid_workers, 0) as "每网格员件数",
    cast(mediation_rooms as bigint) as "调解室",
    coalesce(disputes, 0) / nullif(mediation_rooms, 0) as "每调解室件数"
from exposures
left join counted on counted.township = exposures.township
order by n desc nulls last, exposures.township
