using Gateway.Edge.Runtime;

namespace Gateway.Edge.Pipeline;

/// <summary>The deployments a request may go to, in the order they are tried.</summary>
internal sealed class CandidateList
{
    private DeploymentRuntime? _only;
    private DeploymentRuntime[]? _many;

    public int Count { get; private set; }

    public DeploymentRuntime this[int index] => _many is { } many ? many[index] : _only!;

    public void Set(DeploymentRuntime only)
    {
        _only = only;
        _many = null;
        Count = 1;
    }

    public void Set(DeploymentRuntime[] ordered, int count)
    {
        _many = ordered;
        Count = count;
    }
}
