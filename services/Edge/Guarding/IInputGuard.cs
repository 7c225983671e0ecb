using Gateway.Edge.Errors;
using Gateway.Edge.Pipeline;

namespace Gateway.Edge.Guarding;

/// <summary>Step 5: may this text go out. Implementations decide in process or ask the guardrail service; both give the same verdict.</summary>
internal interface IInputGuard
{
    /// <summary>The failure the request ends with, or null to let it pass.</summary>
    ValueTask<Failure?> CheckAsync(RequestContext context);

    /// <summary>The same for texts that were found elsewhere than in a JSON body.</summary>
    ValueTask<Failure?> CheckAsync(RequestContext context, List<string> texts);
}
