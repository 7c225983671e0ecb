namespace Gateway.Dialects.Embeddings;

/// <summary>Wire formats for embeddings. Append only.</summary>
public enum EmbeddingWire
{
    /// <summary>OpenAI's <c>/embeddings</c>, which Mistral, Ollama, vLLM and many more speak.</summary>
    OpenAI = 1,

    /// <summary>Gemini's <c>batchEmbedContents</c>.</summary>
    GeminiBatch = 2,

    /// <summary>Gemini's <c>embedContent</c>: one input.</summary>
    Gemini = 3,

    /// <summary>Vertex AI's <c>predict</c> with instances.</summary>
    VertexPredict = 4,

    /// <summary>Cohere's <c>/v2/embed</c>.</summary>
    Cohere = 5,

    /// <summary>Voyage: OpenAI's with names of its own.</summary>
    Voyage = 6,

    /// <summary>Jina: OpenAI's with tasks.</summary>
    Jina = 7,

    /// <summary>Amazon Titan through Bedrock's InvokeModel: one input, the model in the address.</summary>
    BedrockTitan = 8,

    /// <summary>Cohere through Bedrock's InvokeModel: the model in the address.</summary>
    BedrockCohere = 9,

    /// <summary>watsonx.ai's <c>/ml/v1/text/embeddings</c>.</summary>
    WatsonX = 10,
}

/// <summary>What an embedding is for.</summary>
public enum EmbeddingTask
{
    /// <summary>A search question.</summary>
    Query = 1,

    /// <summary>A document to be found.</summary>
    Document = 2,

    /// <summary>Comparing texts.</summary>
    Similarity = 3,

    /// <summary>Classification.</summary>
    Classification = 4,

    /// <summary>Clustering.</summary>
    Clustering = 5,

    /// <summary>A question to be answered.</summary>
    QuestionAnswering = 6,

    /// <summary>A statement to be checked.</summary>
    FactVerification = 7,

    /// <summary>A question about code.</summary>
    CodeQuery = 8,
}
