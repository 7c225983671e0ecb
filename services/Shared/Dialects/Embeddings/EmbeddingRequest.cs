using System.Text.Json;
using Gateway.Dialects.Chat;

namespace Gateway.Dialects.Embeddings;

/// <summary>A request for embeddings in no dialect.</summary>
public sealed class EmbeddingRequest
{
    /// <summary>Format it was read from.</summary>
    public required EmbeddingWire Origin { get; init; }

    /// <summary>Public model name.</summary>
    public string Model { get; set; } = "";

    /// <summary>What is to be embedded; one vector each.</summary>
    public List<EmbeddingInput> Inputs { get; init; } = [];

    /// <summary>Length of the vectors asked for, or null.</summary>
    public int? Dimensions { get; set; }

    /// <summary>True when the caller wants vectors in base64 (OpenAI's <c>encoding_format</c>).</summary>
    public bool Base64 { get; set; }

    /// <summary>Number types asked for (Cohere's <c>embedding_types</c>: <c>float</c>, <c>int8</c>, …); empty: float.</summary>
    public List<string> Types { get; init; } = [];

    /// <summary>What the vectors are for, or null.</summary>
    public EmbeddingTask? Task { get; set; }

    /// <summary>Title of the document, or null.</summary>
    public string? Title { get; set; }

    /// <summary>False forbids cutting inputs that are too long; null: the provider's default.</summary>
    public bool? Truncate { get; set; }

    /// <summary>Id of the person behind the request, or null.</summary>
    public string? EndUser { get; set; }

    /// <summary>Members without a neutral form; dropped by other formats.</summary>
    public List<RequestExtension> Extensions { get; init; } = [];

    /// <summary>The same request for some of its inputs, for providers that take few at a time; see <see cref="EmbeddingTranslation.MaxInputs"/>.</summary>
    public EmbeddingRequest Slice(int start, int count) => new()
    {
        Origin = Origin, Model = Model, Inputs = Inputs.GetRange(start, count), Dimensions = Dimensions, Base64 = Base64, Types = Types, Task = Task, Title = Title,
        Truncate = Truncate, EndUser = EndUser, Extensions = Extensions,
    };
}

/// <summary>One thing to be embedded: a text, tokens, or parts that share one vector.</summary>
public sealed class EmbeddingInput
{
    /// <summary>The text, or null.</summary>
    public string? Text { get; init; }

    /// <summary>Tokens as a JSON array of numbers, or null.</summary>
    public JsonElement? Tokens { get; init; }

    /// <summary>Texts and media of one input, or null.</summary>
    public IReadOnlyList<ContentPart>? Parts { get; init; }

    /// <summary>The text where it is nothing else, also of parts.</summary>
    public string? PlainText => Text ?? (Parts is { Count: > 0 } parts && parts.All(static p => p is TextPart) ? string.Join('\n', parts.Cast<TextPart>().Select(static t => t.Text)) : null);
}

/// <summary>Embeddings in no dialect.</summary>
public sealed class EmbeddingAnswer
{
    /// <summary>The provider's id, or null.</summary>
    public string? Id { get; set; }

    /// <summary>Model name as the provider gave it, or null.</summary>
    public string? Model { get; set; }

    /// <summary>The vectors, in the order of the inputs.</summary>
    public List<float[]> Vectors { get; } = [];

    /// <summary>Vectors in other number types by their names (Cohere's), each as a JSON array of vectors.</summary>
    public List<KeyValuePair<string, JsonElement>> Typed { get; } = [];

    /// <summary>Tokens used; null when the provider did not say.</summary>
    public TokenCounts? Usage { get; set; }

    /// <summary>Adds the vectors and tokens of another answer, of a later slice of the same request.</summary>
    public void Append(EmbeddingAnswer later)
    {
        Vectors.AddRange(later.Vectors);
        if (later.Usage is { } more)
        {
            var sum = Usage ?? default;
            sum.Input += more.Input;
            Usage = sum;
        }
    }
}
