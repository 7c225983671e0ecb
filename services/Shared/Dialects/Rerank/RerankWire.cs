namespace Gateway.Dialects.Rerank;

/// <summary>Wire formats for reranking. Append only.</summary>
public enum RerankWire
{
    /// <summary>The form most providers share, at <c>/v1/rerank</c>: query, documents, <c>top_n</c>; Jina, Together, vLLM and Cohere's first version speak it.</summary>
    Common = 1,

    /// <summary>Cohere's <c>/v2/rerank</c>: documents are texts, and never come back.</summary>
    Cohere = 2,

    /// <summary>Voyage: <c>top_k</c>, and <c>data</c> for the results.</summary>
    Voyage = 3,

    /// <summary>Bedrock's Rerank, of the agent runtime.</summary>
    Bedrock = 4,
}
