using Gateway.CloudAuth;
using Gateway.Dialects.Chat;
using Gateway.Edge.Runtime;

namespace Gateway.Edge.Providers;

/// <summary>
/// How one provider is spoken to: which dialects it understands, where an operation is, what a request must carry. One instance for each configured
/// provider; immutable and shared by all requests.
/// </summary>
internal interface IProviderAdapter
{
    /// <summary>The dialect to speak for a chat: the caller's own where the provider understands it natively, else the provider's main one.</summary>
    /// <returns>Null when the provider has no chat, or none for this model.</returns>
    DialectId? ChatDialect(DialectId caller, string model);

    /// <summary>
    /// The form in which the provider takes embeddings, or null when it has none for this model. A form of its own is addressed in the provider's own dialect; asked in
    /// OpenAI's, it has no address.
    /// </summary>
    EmbeddingForm? Embeddings(string model);

    /// <summary>The address of a request, or null when the provider does not serve the operation.</summary>
    Uri? Address(in UpstreamTarget target);

    /// <summary>How the answer's stream is framed.</summary>
    StreamFraming Framing(in UpstreamTarget target);

    /// <summary>What a dialect's writer must know of the provider to write a request for <paramref name="model"/>.</summary>
    /// <param name="model">Model name as the provider knows it.</param>
    /// <param name="dialect">The dialect spoken.</param>
    /// <param name="maxOutputTokens">Most output tokens of the model, or null when unknown.</param>
    RequestTarget Describe(string model, DialectId dialect, int? maxOutputTokens);

    /// <summary>
    /// Edits of the body's top-level members that this provider needs, whoever wrote the body; null when there are none, which is the rule: then the body is sent as it is.
    /// </summary>
    BodyEdits? Edits(in UpstreamTarget target);

    /// <summary>Headers of the caller that are passed on with a request in <paramref name="dialect"/>, because they steer the provider itself.</summary>
    string[] PassedHeaders(DialectId dialect);

    /// <summary>True when <see cref="PrepareAsync"/> needs the body as one piece, because the credential signs it.</summary>
    bool SignsBody(DeploymentRuntime deployment);

    /// <summary>Adds what the provider wants: its own headers, the configured ones, and the credential, which may first have to be fetched.</summary>
    /// <param name="request">The request, its address and content set.</param>
    /// <param name="deployment">The deployment called; its provider is this adapter's.</param>
    /// <param name="body">The body where <see cref="SignsBody"/> is true; may be null otherwise.</param>
    /// <param name="cancellationToken">Ends the wait for a credential.</param>
    /// <exception cref="ProviderAuthException">The credential cannot be had.</exception>
    ValueTask PrepareAsync(HttpRequestMessage request, DeploymentRuntime deployment, ReadOnlyMemory<byte>? body, CancellationToken cancellationToken);
}

/// <summary>In what form a provider takes embeddings.</summary>
internal enum EmbeddingForm
{
    /// <summary>OpenAI's <c>/embeddings</c>.</summary>
    OpenAI,

    /// <summary>Vertex AI's <c>predict</c> with instances.</summary>
    VertexPredict,

    /// <summary>Bedrock <c>InvokeModel</c> of an Amazon Titan model: one text a request.</summary>
    BedrockTitan,

    /// <summary>Bedrock <c>InvokeModel</c> of a Cohere model.</summary>
    BedrockCohere,
}
