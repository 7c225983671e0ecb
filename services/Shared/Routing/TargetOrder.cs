using Gateway.Contracts.Configuration;

namespace Gateway.Routing;

/// <summary>Orders the targets of one priority by the route's strategy.</summary>
internal static class TargetOrder
{
    public static void Append<TTarget>(List<TTarget> ordered, List<TTarget> targets, PlanRoute<TTarget> route, IPlanRequest<TTarget> request, string session)
        where TTarget : PlanTarget
    {
        if (targets.Count < 2)
        {
            ordered.AddRange(targets);
            return;
        }

        switch (route.Entry.Strategy)
        {
            case RouteStrategy.Weighted:
                ByWeight(ordered, targets, request);
                break;
            case RouteStrategy.RoundRobin:
                var first = route.NextTurn() % targets.Count;
                for (var i = 0; i < targets.Count; i++)
                {
                    ordered.Add(targets[(first + i) % targets.Count]);
                }

                break;
            case RouteStrategy.LowestLatency:
                // One call at a time explores a target whose speed is not known; while it is under way the others follow what is known.
                ordered.AddRange(targets.OrderBy(static t => t.FirstTokenMs is { } known ? known : t.InFlight == 0 ? -1 : double.MaxValue));
                break;
            case RouteStrategy.LeastInFlight:
                var turn = route.NextTurn();
                ordered.AddRange(targets.Select((t, i) => (Target: t, At: (i + turn) % targets.Count)).OrderBy(static t => t.Target.InFlight).ThenBy(static t => t.At).Select(static t => t.Target));
                break;
            case RouteStrategy.LowestCost:
                ordered.AddRange(targets.OrderBy(t => request.Cost(t) ?? long.MaxValue));
                break;
            case RouteStrategy.Sticky:
                var hash = StableHash.Of(route.Salt, StableHash.Of(session));
                ordered.AddRange(targets.OrderByDescending(t => Score(t, hash)));
                break;
            default:
                ordered.AddRange(targets);
                break;
        }
    }

    /// <summary>Weighted rendezvous hashing: a session moves only when its own target goes or a better one comes.</summary>
    private static double Score(PlanTarget target, ulong session) =>
        target.Entry.Weight == 0 ? 0 : -target.Entry.Weight / Math.Log(StableHash.Unit(StableHash.Of(session, target.Hash)));

    private static void ByWeight<TTarget>(List<TTarget> ordered, List<TTarget> targets, IPlanRequest<TTarget> request)
        where TTarget : PlanTarget
    {
        var total = targets.Sum(static t => t.Entry.Weight);
        while (targets.Count > 0)
        {
            // Targets of weight 0 are fallbacks: they come after all others, in the order written.
            var pick = 0;
            if (total > 0)
            {
                var at = (int)(request.Random() * total);
                while (at >= targets[pick].Entry.Weight)
                {
                    at -= targets[pick++].Entry.Weight;
                }
            }

            total -= targets[pick].Entry.Weight;
            ordered.Add(targets[pick]);
            targets.RemoveAt(pick);
        }
    }
}
