namespace Gateway.Governance.Access;

/// <summary>An access that was refused, or that is worth noting although it was allowed.</summary>
/// <param name="Actor">Who asked.</param>
/// <param name="Action">What for: the action's name in the permission table, or <c>login</c>, <c>logout</c>.</param>
/// <param name="Kind">Kind of the thing, as in the permission table; empty when it has none.</param>
/// <param name="Id">Id of the thing; empty when it is not about one.</param>
/// <param name="Address">Method and path of the request.</param>
/// <param name="Denied">True when it was refused.</param>
/// <param name="Reason">Why, as a stable code.</param>
internal sealed record AccessEvent(Actor Actor, string Action, string Kind, string Id, string Address, bool Denied, string Reason);

/// <summary>Is told of refused and sensitive accesses. It must not throw, and must not keep its caller waiting.</summary>
internal interface IAccessLog
{
    /// <summary>Notes an access.</summary>
    void Note(AccessEvent access);
}

/// <summary>Notes nothing.</summary>
internal sealed class NoAccessLog : IAccessLog
{
    public void Note(AccessEvent access)
    {
    }
}
