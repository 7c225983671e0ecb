using Gateway.Guardrails.Engine.Policies;

namespace Gateway.Edge.Guarding.Policies;

/// <summary>Leaves out the policies that are run for a share of the requests only, chosen by the request's id: the same on both sides of a request.</summary>
internal static class Sampling
{
    public static PolicySet Of(PolicySet all, GuardModel guards, string requestId)
    {
        foreach (var policy in all.Policies)
        {
            if (policy.Entry.Sample < 1)
            {
                return guards.Of(all.Policies.Where(p => p.IsRunFor(requestId)));
            }
        }

        return all;
    }
}
