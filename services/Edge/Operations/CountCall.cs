using System.Buffers;
using System.Text;
using Gateway.Contracts.Configuration;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Counting;
using Gateway.Edge.Errors;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Providers;
using Gateway.Edge.Runtime;
using Gateway.Edge.Upstream;

namespace Gateway.Edge.Operations;

/// <summary>The number of tokens of a prompt: asked of a provider that can count, else guessed by the gateway, which says so.</summary>
internal sealed class CountCall : OperationCall
{
    private const int BytesPerToken = 4;

    // What a picture of common size comes to.
    private const int TokensPerMedium = 1_500;

    // Role and frame of a message, and of a tool.
    private const int TokensPerItem = 4;

    private readonly DialectId _caller;
    private readonly ReadOnlyMemory<byte>? _body;

    private CountCall(in UpstreamTarget target, DialectId caller, ReadOnlyMemory<byte>? body, OperationAnswer? local)
        : base(target) => (_caller, _body, Local) = (caller, body, local);

    public override bool IsForeign => _caller != Target.Dialect;

    public override OperationAnswer? Local { get; }

    public static UpstreamFault? TryBegin(RequestContext context, DeploymentRuntime deployment, out OperationCall? call)
    {
        call = null;
        var (caller, model, adapter) = (context.Operation.Dialect, context.ModelFor(deployment), deployment.Provider.Adapter);
        if (adapter.ChatDialect(caller, model) is not { } dialect)
        {
            return OperationCalls.NotServed(context, deployment);
        }

        var target = new UpstreamTarget(UpstreamOperation.CountTokens, dialect, model, false);
        var canCount = dialect is DialectId.Anthropic or DialectId.Gemini && deployment.Provider.Entry.Kind != ProviderKind.Demo && adapter.Address(target) is not null;
        if (canCount && dialect == caller)
        {
            call = new CountCall(target, caller, dialect == DialectId.Gemini ? GeminiModelNames.Replace(context.Body.Memory, model) : (ReadOnlyMemory<byte>?)null, null);
            return null;
        }

        if (TokenCounting.ReadRequest(caller, context.Body.Memory, new RequestLocation(context.PathModel, false), out var request) is { } wrong)
        {
            return OperationCalls.Refuse(wrong, GatewayError.ValueInvalid);
        }

        if (!canCount)
        {
            call = new CountCall(target, caller, null, new OperationAnswer { Body = Write(caller, Estimate(request)), IsEstimate = true });
            return null;
        }

        var output = new ArrayBufferWriter<byte>(1024);
        var drops = new DropList();
        if (OperationCalls.Refuse(TokenCounting.WriteRequest(dialect, request, adapter.Describe(model, dialect, null), output, drops), GatewayError.RequestUnsupported) is { } impossible)
        {
            return impossible;
        }

        // What the other dialect cannot say is left out of a count as it would be left out of the chat; that is no reason to refuse the count.
        call = new CountCall(target, caller, output.WrittenMemory, null);
        return null;
    }

    public override ReadOnlyMemory<byte>? Json() => _body;

    public override OperationAnswer? Read(ReadOnlyMemory<byte> body, string mediaType) =>
        TokenCounting.ReadAnswer(Target.Dialect, body.Span) is { } tokens ? new OperationAnswer { Body = IsForeign ? Write(_caller, tokens) : (ReadOnlyMemory<byte>?)null } : null;

    private static ReadOnlyMemory<byte> Write(DialectId caller, long tokens)
    {
        var output = new ArrayBufferWriter<byte>(64);
        TokenCounting.WriteAnswer(caller, tokens, output);
        return output.WrittenMemory;
    }

    private static long Estimate(ChatRequest request)
    {
        var (bytes, tokens) = (0L, 0L);
        foreach (var message in request.Messages)
        {
            tokens += TokensPerItem;
            Add(message.Parts, ref bytes, ref tokens);
        }

        foreach (var tool in request.Tools)
        {
            tokens += TokensPerItem;
            bytes += Bytes(tool.Name) + Bytes(tool.Description) + Bytes((tool.Parameters ?? tool.Raw) is { } schema ? schema.GetRawText() : null);
        }

        return Math.Max(1, tokens + ((bytes + BytesPerToken - 1) / BytesPerToken));
    }

    private static void Add(List<ContentPart> parts, ref long bytes, ref long tokens)
    {
        foreach (var part in parts)
        {
            switch (part)
            {
                case TextPart text:
                    bytes += Bytes(text.Text);
                    break;
                case ReasoningPart reasoning:
                    bytes += Bytes(reasoning.Text);
                    break;
                case RefusalPart refusal:
                    bytes += Bytes(refusal.Text);
                    break;
                case ToolCallPart call:
                    bytes += Bytes(call.Name) + Bytes(call.Arguments);
                    break;
                case ToolResultPart result:
                    Add(result.Content, ref bytes, ref tokens);
                    break;
                case MediaPart { Text: { } text }:
                    bytes += Bytes(text);
                    break;
                case MediaPart:
                    tokens += TokensPerMedium;
                    break;
            }
        }
    }

    private static int Bytes(string? text) => text is null ? 0 : Encoding.UTF8.GetByteCount(text);
}
