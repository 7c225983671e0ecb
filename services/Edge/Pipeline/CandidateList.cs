using Gateway.Edge.Routing;

namespace Gateway.Edge.Pipeline;

/// <summary>The targets a request may go to, in the order they are tried.</summary>
internal struct CandidateList
{
    private TargetRuntime? _only;
    private List<TargetRuntime>? _many;

    public int Count { readonly get; private set; }

    public readonly TargetRuntime this[int index] => _many is { } many ? many[index] : _only!;

    public void Set(TargetRuntime only)
    {
        _only = only;
        _many = null;
        Count = 1;
    }

    public void Set(List<TargetRuntime> ordered)
    {
        _many = ordered;
        Count = ordered.Count;
    }
}
