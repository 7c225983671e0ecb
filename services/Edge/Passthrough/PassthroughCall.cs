using System.Text;
using System.Text.Json;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Runtime;
using Gateway.Edge.Upstream;

namespace Gateway.Edge.Passthrough;

/// <summary>One request on its way to a provider.</summary>
internal sealed class PassthroughCall(RequestContext context, PassthroughAddress address, ProviderAccount account) : IAsyncDisposable
{
    private CallerContent? _streamed;

    public PassthroughAddress Address { get; } = address;

    public ProviderAccount Account { get; } = account;

    /// <summary>What the request is billed by and whose credential it carries.</summary>
    public DeploymentRuntime Deployment { get; private set; } = account.Choose(address.Model(), out _);

    /// <summary>The model, by the provider's name of it, or null when neither address nor body names one.</summary>
    public string? Model { get; private set; } = address.Model();

    /// <summary>True when the credential signs the body, so that it must be there as a whole.</summary>
    public bool SignsBody => Account.Provider.Adapter.SignsBody(Deployment);

    /// <summary>True when the request may make a provider work. Reading and deleting do not; what a method means that is not known here, nobody can tell.</summary>
    public bool IsBillable { get; } = !IsFree(context.Http.Request.Method);

    /// <summary>Bounds the call; ends with it.</summary>
    public CallDeadline? Deadline { get; set; }

    /// <summary>What is wrong with a body that is sent on as it arrives, or null.</summary>
    public Errors.Failure? BodyFailure => _streamed?.Failure;

    /// <summary>Sends the body on as it arrives.</summary>
    public void Stream(long maxBytes) => _streamed = new CallerContent(context.Http.Request, maxBytes, BeginWaiting);

    /// <summary>Takes the model that the body names into account.</summary>
    public void Resolve()
    {
        Model ??= BodyModel();
        Deployment = Account.Choose(Model, out var wildcard);
        context.Deployment = Deployment;
        context.WildcardPart = wildcard;
        context.ModelName = Model ?? "";
    }

    /// <summary>The model that the answer names, where the request named none.</summary>
    public void Answered(string? model)
    {
        if (Model is null && model is not null)
        {
            Model = model;
            // The credential stays the one that was used; only the price is looked up.
            context.Deployment = Account.Choose(model, out var wildcard);
            context.WildcardPart = wildcard;
            context.ModelName = model;
        }
    }

    /// <summary>The model that the body names, or null.</summary>
    public string? BodyModel()
    {
        ref var envelope = ref context.Envelope;
        if (context.Body.Length == 0 || envelope.ModelStart < 0)
        {
            return null;
        }

        var json = context.Body.Span.Slice(envelope.ModelStart, envelope.ModelLength);
        if (!envelope.ModelEscaped)
        {
            return Encoding.UTF8.GetString(json[1..^1]);
        }

        var reader = new Utf8JsonReader(json);
        reader.Read();
        return reader.GetString();
    }

    /// <summary>The body as it goes out, or null for none.</summary>
    public HttpContent? Content() => _streamed is not null ? _streamed
        : context.Body.Length > 0 ? new ReadOnlyMemoryContent(context.Body.Memory)
        : context.Http.Request.ContentLength == 0 || IsBillable ? new ByteArrayContent([])
        : null;

    /// <summary>True while the time for the answer has not begun, because the caller is still sending.</summary>
    public bool IsStreamed => _streamed is not null;

    public async ValueTask DisposeAsync()
    {
        // Whatever still sends the caller's body must be over before the server takes it back.
        context.Upstream?.Dispose();
        if (_streamed is not null)
        {
            await _streamed.StopAsync().ConfigureAwait(false);
        }

        Deadline?.Dispose();
    }

    private static bool IsFree(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsDelete(method) || HttpMethods.IsOptions(method);

    private void BeginWaiting() => Deadline?.Arm(CallPhase.FirstByte, Account.Provider.Timeouts.FirstByteMs);
}
