using Gateway.Embeddings.Inference;
using Gateway.Embeddings.Tokenization;
using Microsoft.Extensions.AI;

namespace Gateway.Embeddings;

/// <summary>
/// The built-in embedding model, all-MiniLM-L6-v2: English sentences to unit vectors of 384 values, without a network.
/// </summary>
/// <remarks>
/// <para>Thread-safe; make one and share it. The model (about 25 MB) is read at the first use, or by <see cref="Load"/>;
/// if that fails, every later call fails alike: make another generator once the files are there.</para>
/// <para>
/// The work is done on the calling thread, before <see cref="GenerateAsync"/> returns its (completed) task: a few milliseconds
/// for a question and some 50 for 128 tokens, per text. Callers must bound how many run at once and keep them off threads that
/// serve I/O.
/// </para>
/// </remarks>
public sealed class MiniLmEmbeddingGenerator : IEmbeddingGenerator<string, Embedding<float>>
{
    /// <summary>The model id in <see cref="EmbeddingGeneratorMetadata"/> and in every embedding.</summary>
    public const string ModelId = "all-MiniLM-L6-v2";

    /// <summary>Values in a vector.</summary>
    public const int Dimensions = EncoderShape.Width;

    /// <summary>Tokens after which a text is cut, unless set otherwise: the window the model was trained and published with.</summary>
    public const int DefaultMaxTokens = 256;

    /// <summary>The most tokens that may be set: the positions the model knows.</summary>
    public const int LargestMaxTokens = EncoderShape.Positions;

    /// <summary>The key under which <see cref="Embedding.AdditionalProperties"/> holds true for a text that was cut.</summary>
    public const string TruncatedProperty = "truncated";

    private readonly Lazy<LoadedModel> _model;
    private readonly int _maxTokens;

    /// <summary>Prepares a generator; nothing is read yet.</summary>
    /// <param name="directory">Where model.safetensors and vocab.txt are; by default <c>minilm</c> beside the program.</param>
    /// <param name="maxTokens">Tokens after which a text is cut, [CLS] and [SEP] included: 3 to 512, by default 256.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxTokens"/> is outside its range.</exception>
    public MiniLmEmbeddingGenerator(string? directory = null, int maxTokens = DefaultMaxTokens)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxTokens, 3);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maxTokens, LargestMaxTokens);
        _maxTokens = maxTokens;
        var from = directory ?? ModelFiles.DefaultDirectory;
        _model = new Lazy<LoadedModel>(() => LoadedModel.Load(from));
    }

    /// <summary>What this generator is: provider "gateway", <see cref="ModelId"/>, <see cref="Dimensions"/>.</summary>
    public EmbeddingGeneratorMetadata Metadata { get; } = new("gateway", providerUri: null, ModelId, Dimensions);

    /// <summary>The model's tokenizer; reads the model if that has not been done.</summary>
    /// <exception cref="FileNotFoundException">A file of the model is missing; the message names it.</exception>
    /// <exception cref="InvalidDataException">A file of the model is damaged; the message names it.</exception>
    public WordPieceTokenizer Tokenizer => _model.Value.Tokenizer;

    internal MiniLmEncoder Encoder => _model.Value.Encoder;

    /// <summary>Reads the model now, so that the first text does not wait for it. Does nothing the second time.</summary>
    /// <exception cref="FileNotFoundException">A file of the model is missing; the message names it.</exception>
    /// <exception cref="InvalidDataException">A file of the model is damaged; the message names it.</exception>
    public void Load() => _ = _model.Value;

    /// <summary>Embeds one text on the calling thread.</summary>
    /// <param name="text">Any text. Empty text has a vector too, which says nothing.</param>
    /// <param name="destination">Receives the vector, <see cref="Dimensions"/> values of length 1; must have room for them.</param>
    /// <param name="cancellationToken">Looked at before each of the 6 layers.</param>
    /// <returns>The tokens that were embedded, and whether the text was cut.</returns>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="FileNotFoundException">A file of the model is missing; the message names it.</exception>
    /// <exception cref="InvalidDataException">A file of the model is damaged; the message names it.</exception>
    public TokenizedText Embed(ReadOnlySpan<char> text, Span<float> destination, CancellationToken cancellationToken = default)
    {
        if (destination.Length < Dimensions)
        {
            throw new ArgumentException($"The vector needs room for {Dimensions} values.", nameof(destination));
        }

        var model = _model.Value;
        Span<int> tokens = stackalloc int[_maxTokens];
        var outcome = model.Tokenizer.Tokenize(text, tokens);
        model.Encoder.Encode(tokens[..outcome.Count], [outcome.Count], destination[..Dimensions], cancellationToken);
        return outcome;
    }

    /// <summary>Embeds texts on the calling thread; several in one call cost less than one by one.</summary>
    /// <param name="values">The texts; none may be null.</param>
    /// <param name="options">May name this model and its dimensions, and nothing else.</param>
    /// <param name="cancellationToken">Looked at before each of the 6 layers of every group of texts.</param>
    /// <returns>
    /// A vector for each text, in order, with <see cref="TruncatedProperty"/> set where a text was cut; and the tokens embedded
    /// as <see cref="GeneratedEmbeddings{TEmbedding}.Usage"/>. The task is already complete; it carries any error.
    /// </returns>
    public Task<GeneratedEmbeddings<Embedding<float>>> GenerateAsync(
        IEnumerable<string> values, EmbeddingGenerationOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(values);
        try
        {
            Check(options);
            return Task.FromResult(new EmbeddingBatch(_model.Value, _maxTokens).Run(values, cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<GeneratedEmbeddings<Embedding<float>>>(cancellationToken);
        }
        catch (Exception exception)
        {
            return Task.FromException<GeneratedEmbeddings<Embedding<float>>>(exception);
        }
    }

    /// <summary>Finds this generator or its <see cref="Metadata"/> by type.</summary>
    /// <param name="serviceType">The type asked for.</param>
    /// <param name="serviceKey">Must be null: nothing here is keyed.</param>
    /// <returns>The object, or null.</returns>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(EmbeddingGeneratorMetadata) ? Metadata
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    /// <summary>Does nothing: what the generator holds is ordinary memory.</summary>
    public void Dispose()
    {
    }

    private static void Check(EmbeddingGenerationOptions? options)
    {
        if (options?.Dimensions is { } dimensions && dimensions != Dimensions)
        {
            throw new ArgumentException($"{ModelId} makes vectors of {Dimensions} dimensions; {dimensions} were asked for.", nameof(options));
        }

        if (options?.ModelId is { } model && model != ModelId)
        {
            throw new ArgumentException($"The built-in embedding model is {ModelId}; '{model}' was asked for.", nameof(options));
        }
    }
}
