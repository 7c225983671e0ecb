using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Edge.Guarding.Policies;

/// <summary>Leaves out the policies that are run for a share of the requests only, chosen by the request's id: the same on both sides of a request.</summary>
internal static class Sampling
{
    private const double Parts = 1 << 24;

    public static PolicySet Of(PolicySet all, GuardModel guards, string requestId)
    {
        foreach (var policy in all.Policies)
        {
            if (policy.Entry.Sample < 1)
            {
                return guards.Of(all.Policies.Where(p => p.Entry.Sample >= 1 || Share(requestId, p.Entry.Id) < p.Entry.Sample));
            }
        }

        return all;
    }

    private static double Share(string requestId, string policy)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in requestId)
        {
            hash = unchecked((hash ^ c) * 1099511628211UL);
        }

        foreach (var c in policy)
        {
            hash = unchecked((hash ^ c) * 1099511628211UL);
        }

        hash = unchecked((hash ^ (hash >> 29)) * 0xBF58476D1CE4E5B9UL);
        return (hash >> 40) / Parts;
    }
}
