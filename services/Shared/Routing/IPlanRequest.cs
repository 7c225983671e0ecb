using Gateway.Routing.Rules;

namespace Gateway.Routing;

/// <summary>A request as the planner sees it.</summary>
public interface IPlanRequest<in TTarget> : IRuleFacts
    where TTarget : PlanTarget
{
    /// <summary>Whether the key may reach the target's provider.</summary>
    bool Allows(TTarget target);

    /// <summary>Whether budgets leave room for the request at the target's provider.</summary>
    bool HasRoom(TTarget target) => true;

    /// <summary>Estimate of the cost on a target in nano-US-dollars, or null when its price is not known.</summary>
    long? Cost(TTarget target);

    /// <summary>A number of 0 or more and below 1, for choices at random.</summary>
    double Random();

    /// <summary>Remembers an attribute that a rule sets.</summary>
    void SetAttribute(string name, string value);
}
