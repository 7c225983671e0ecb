using Gateway.Edge.Errors;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Guarding;

/// <summary>Step 9: may this text come back. Called with the whole answer, or with each event of a stream before it is passed on.</summary>
internal interface IOutputGuard
{
    /// <summary>False when nothing is to be checked, so that the answer needs no look at all.</summary>
    bool AppliesTo(RequestContext context);

    /// <summary>The failure the answer ends with, or null to let <paramref name="payload"/> pass.</summary>
    ValueTask<Failure?> CheckAsync(RequestContext context, ReadOnlyMemory<byte> payload);
}

/// <summary>Lets every answer pass: no output policy exists yet that could be set.</summary>
internal sealed class PassingOutputGuard : IOutputGuard
{
    public bool AppliesTo(RequestContext context) => false;

    public ValueTask<Failure?> CheckAsync(RequestContext context, ReadOnlyMemory<byte> payload) => default;
}
