using Gateway.Contracts.Configuration;
using Gateway.Dialects.Chat;
using Gateway.Edge.Errors;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Providers;
using Gateway.Edge.Providers.Audio;
using Gateway.Edge.Runtime;
using Gateway.Edge.Upstream;

namespace Gateway.Edge.Operations;

/// <summary>Makes the call of an operation other than a chat.</summary>
internal static class OperationCalls
{
    /// <summary>Makes the call for one deployment.</summary>
    /// <returns>Null, or why this deployment cannot be asked.</returns>
    public static UpstreamFault? TryBegin(RequestContext context, DeploymentRuntime deployment, out OperationCall? call)
    {
        call = null;
        var fault = context.Operation.Upstream switch
        {
            UpstreamOperation.Embedding => EmbeddingCalls.TryBegin(context, deployment, out call),
            UpstreamOperation.Rerank => RerankCall.TryBegin(context, deployment, out call),
            UpstreamOperation.CountTokens => CountCall.TryBegin(context, deployment, out call),
            _ => BeginMedia(context, deployment, out call),
        };
        if (fault is null && call!.Drops.Names.Count > 0 && context.Route!.Entry.Unsupported == UnsupportedPolicy.Reject)
        {
            return Refuse(
                GatewayError.RequestUnsupported,
                $"The provider '{deployment.Provider.Id}' cannot express {string.Join(", ", call.Drops.Names)}, and this model refuses such requests instead of leaving it out. Leave it out yourself, or use another model.",
                call.Drops.Names[0]);
        }

        return fault is null && call!.Local is null && deployment.Provider.Adapter.Address(call.Target) is null ? NotServed(context, deployment) : fault;
    }

    public static UpstreamFault NotServed(RequestContext context, DeploymentRuntime deployment) => Refuse(
        GatewayError.RequestUnsupported,
        $"The provider '{deployment.Provider.Id}' does not serve {context.Operation.Name} for the model '{context.ModelName}'; use another model.",
        "model");

    public static UpstreamFault? Refuse(DialectProblem? problem, GatewayError error) => problem is null ? null : Refuse(error, problem.Message, problem.Param);

    public static UpstreamFault Refuse(GatewayError error, string message, string? param) =>
        new(error, "the request cannot be expressed", false) { Refusal = new Failure(error, Step.Call, message) { Param = param } };

    private static UpstreamFault? BeginMedia(RequestContext context, DeploymentRuntime deployment, out OperationCall? call)
    {
        if (AudioMappings.Of(deployment.Provider.Entry.Kind) is { } mapping)
        {
            return MappedAudioCall.TryBegin(context, deployment, mapping, out call);
        }

        call = new PassedCall(new UpstreamTarget(context.Operation.Upstream, DialectId.OpenAIChat, context.ModelFor(deployment), context.Envelope.Stream), context);
        return null;
    }
}
