namespace Gateway.Governance.Access;

/// <summary>Says who makes the current admin request.</summary>
internal interface ICurrentActor
{
    /// <summary>The actor of the request that this code runs for; <see cref="Actor.System"/> in background work and on internal addresses.</summary>
    Actor Current { get; }
}
