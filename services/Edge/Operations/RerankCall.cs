using System.Buffers;
using System.Security.Cryptography;
using Gateway.Contracts.Configuration;
using Gateway.Contracts.Usage;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Rerank;
using Gateway.Edge.Errors;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Providers;
using Gateway.Edge.Runtime;
using Gateway.Edge.Upstream;

namespace Gateway.Edge.Operations;

/// <summary>Reranking: passed on where the provider takes the caller's form, else translated.</summary>
internal sealed class RerankCall : OperationCall
{
    private readonly RerankWire _caller;
    private readonly RerankRequest? _request;
    private readonly ReadOnlyMemory<byte>? _body;

    private RerankCall(in UpstreamTarget target, RerankWire caller, RerankRequest? request, RerankWire wire)
        : base(target)
    {
        (_caller, _request) = (caller, request);
        if (request is not null)
        {
            var output = new ArrayBufferWriter<byte>(1024);
            RerankTranslation.WriteRequest(wire, request, target.Model, output, Drops);
            _body = output.WrittenMemory;
        }
    }

    public override bool IsForeign => _request is not null;

    public static UpstreamFault? TryBegin(RequestContext context, DeploymentRuntime deployment, out OperationCall? call)
    {
        call = null;
        var provider = deployment.Provider.Entry;
        if (provider.Kind == ProviderKind.WatsonX)
        {
            return OperationCalls.NotServed(context, deployment);
        }

        if (RerankTranslation.ReadRequest(context.Operation.RerankWire, context.Body.Span, out var request) is { } wrong)
        {
            return OperationCalls.Refuse(wrong, GatewayError.ValueInvalid);
        }

        var (caller, wire) = (context.Operation.RerankWire, Wire(provider));
        request.Model = context.ModelName;
        var target = new UpstreamTarget(UpstreamOperation.Rerank, wire == RerankWire.Cohere ? DialectId.Cohere : DialectId.OpenAIChat, context.ModelFor(deployment), false);
        call = new RerankCall(target, caller, wire == caller ? null : request, wire);
        return null;
    }

    public override ReadOnlyMemory<byte>? Json() => _body;

    public override OperationAnswer? Read(ReadOnlyMemory<byte> body, string mediaType)
    {
        if (!RerankTranslation.TryReadAnswer(body.Span, out var answer))
        {
            return null;
        }

        ReadOnlyMemory<byte>? written = null;
        if (_request is not null)
        {
            var output = new ArrayBufferWriter<byte>(1024);
            RerankTranslation.WriteAnswer(_caller, answer, _request, RandomNumberGenerator.GetHexString(24, lowercase: true), output);
            written = output.WrittenMemory;
        }

        return new OperationAnswer { Body = written, Tokens = answer.Usage, Units = new UsageUnits { Searches = Math.Max(0, answer.SearchUnits ?? 1) } };
    }

    private static RerankWire Wire(ProviderEntry provider) =>
        provider.Kind == ProviderKind.Cohere ? RerankWire.Cohere
        : (provider.Like ?? provider.Id) == "voyage" ? RerankWire.Voyage
        : RerankWire.Common;
}
