using Gateway.Contracts.Usage;
using Gateway.Dialects.Chat;
using Gateway.Dialects.Envelopes;
using Gateway.Edge.Pipeline;
using Gateway.Edge.Providers;

namespace Gateway.Edge.Uploads;

/// <summary>What is asked for in the ledger, and what ids look like.</summary>
internal static class FileSpecs
{
    public const string FilePrefix = "file-";
    public const string BatchPrefix = "batch_";

    /// <summary>A file that is to be the input of a batch.</summary>
    public const string BatchPurpose = "batch";

    public const string EmbeddingsUrl = "/v1/embeddings";

    public static readonly OperationSpec File = new(Operation.File, DialectId.OpenAIChat, UpstreamOperation.Files, new EnvelopeShape(), false, "files")
    {
        TakesForm = true,
        TakesJson = false,
        IsFree = true,
        // There is none to name.
        DefaultModel = "",
    };

    public static readonly OperationSpec Batch = new(
        Operation.Batch, DialectId.OpenAIChat, UpstreamOperation.Batches, new EnvelopeShape(new EnvelopeMember("metadata", EnvelopeRole.Metadata)), false, "batches")
    {
        IsFree = true,
        DefaultModel = "",
    };

    /// <summary>The format of the requests that a batch may make, or null for an address that it may not ask.</summary>
    public static EnvelopeShape? LineShape(string? url) => url switch
    {
        "/v1/chat/completions" => RequestShapes.OpenAIChat,
        "/v1/completions" => RequestShapes.OpenAICompletions,
        EmbeddingsUrl => RequestShapes.OpenAIEmbeddings,
        "/v1/responses" => RequestShapes.OpenAIResponses,
        _ => null,
    };
}
