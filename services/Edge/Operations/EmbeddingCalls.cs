using Gateway.Contracts.Configuration;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Embeddings;
using Gateway.Edge.Errors;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Providers;
using Gateway.Edge.Runtime;
using Gateway.Edge.Upstream;

namespace Gateway.Edge.Operations;

/// <summary>Embeddings: in which form a provider is asked, and whether that is the caller's.</summary>
internal static class EmbeddingCalls
{
    public static UpstreamFault? TryBegin(RequestContext context, DeploymentRuntime deployment, out OperationCall? call)
    {
        call = null;
        var model = context.ModelFor(deployment);
        var provider = deployment.Provider;
        var caller = context.Operation.EmbeddingWire;
        if (provider.Adapter.Embeddings(model) is not { } form)
        {
            return OperationCalls.NotServed(context, deployment);
        }

        var wire = Wire(form, provider.Entry, caller);
        var target = new UpstreamTarget(UpstreamOperation.Embedding, Dialect(wire), model, false) { Suffix = wire == EmbeddingWire.Gemini ? ":embedContent" : "" };
        if (wire == caller)
        {
            call = new PassedEmbeddings(target, context, caller);
            return null;
        }

        if (EmbeddingTranslation.ReadRequest(caller, context.Body.Span, context.PathModel ?? context.ModelName, out var request) is { } wrong)
        {
            return OperationCalls.Refuse(wrong, GatewayError.ValueInvalid);
        }

        var described = provider.Adapter.Describe(model, target.Dialect, null).Model;
        request.Model = context.ModelName;
        var translated = new TranslatedEmbeddings(target, request, wire, described);
        if (OperationCalls.Refuse(translated.Write(), GatewayError.RequestUnsupported) is { } impossible)
        {
            return impossible;
        }

        call = translated;
        return null;
    }

    private static EmbeddingWire Wire(EmbeddingForm form, ProviderEntry provider, EmbeddingWire caller) => form switch
    {
        EmbeddingForm.VertexPredict => EmbeddingWire.VertexPredict,
        EmbeddingForm.BedrockTitan => EmbeddingWire.BedrockTitan,
        EmbeddingForm.BedrockCohere => EmbeddingWire.BedrockCohere,
        // Both take OpenAI's form as well, which says less than their own.
        _ when provider.Kind == ProviderKind.Cohere => caller == EmbeddingWire.OpenAI ? EmbeddingWire.OpenAI : EmbeddingWire.Cohere,
        _ when provider.Kind == ProviderKind.Gemini => caller is EmbeddingWire.OpenAI or EmbeddingWire.Gemini ? caller : EmbeddingWire.GeminiBatch,
        _ => (provider.Like ?? provider.Id) switch
        {
            "voyage" => EmbeddingWire.Voyage,
            "jina_ai" => EmbeddingWire.Jina,
            _ => EmbeddingWire.OpenAI,
        },
    };

    private static DialectId Dialect(EmbeddingWire wire) => wire switch
    {
        EmbeddingWire.Gemini or EmbeddingWire.GeminiBatch or EmbeddingWire.VertexPredict => DialectId.Gemini,
        EmbeddingWire.Cohere => DialectId.Cohere,
        EmbeddingWire.BedrockTitan or EmbeddingWire.BedrockCohere => DialectId.BedrockConverse,
        _ => DialectId.OpenAIChat,
    };
}
