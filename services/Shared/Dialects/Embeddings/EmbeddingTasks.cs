namespace Gateway.Dialects.Embeddings;

/// <summary>The words of each format for what an embedding is for.</summary>
internal static class EmbeddingTasks
{
    /// <summary>Reads the word of any format.</summary>
    public static EmbeddingTask? Read(string? word) => word?.ToLowerInvariant() switch
    {
        "retrieval_query" or "search_query" or "query" or "retrieval.query" => EmbeddingTask.Query,
        "retrieval_document" or "search_document" or "document" or "passage" or "retrieval.passage" => EmbeddingTask.Document,
        "semantic_similarity" or "text-matching" => EmbeddingTask.Similarity,
        "classification" => EmbeddingTask.Classification,
        "clustering" or "separation" => EmbeddingTask.Clustering,
        "question_answering" => EmbeddingTask.QuestionAnswering,
        "fact_verification" => EmbeddingTask.FactVerification,
        "code_retrieval_query" or "code.query" => EmbeddingTask.CodeQuery,
        _ => null,
    };

    /// <summary>Gemini's and Vertex AI's word.</summary>
    public static string? Gemini(EmbeddingTask? task) => task switch
    {
        EmbeddingTask.Query => "RETRIEVAL_QUERY",
        EmbeddingTask.Document => "RETRIEVAL_DOCUMENT",
        EmbeddingTask.Similarity => "SEMANTIC_SIMILARITY",
        EmbeddingTask.Classification => "CLASSIFICATION",
        EmbeddingTask.Clustering => "CLUSTERING",
        EmbeddingTask.QuestionAnswering => "QUESTION_ANSWERING",
        EmbeddingTask.FactVerification => "FACT_VERIFICATION",
        EmbeddingTask.CodeQuery => "CODE_RETRIEVAL_QUERY",
        _ => null,
    };

    /// <summary>Cohere's word; it wants one always.</summary>
    public static string Cohere(EmbeddingTask? task) => task switch
    {
        EmbeddingTask.Query or EmbeddingTask.QuestionAnswering or EmbeddingTask.FactVerification or EmbeddingTask.CodeQuery => "search_query",
        EmbeddingTask.Classification => "classification",
        EmbeddingTask.Clustering or EmbeddingTask.Similarity => "clustering",
        _ => "search_document",
    };

    /// <summary>Voyage's word.</summary>
    public static string? Voyage(EmbeddingTask? task) => task switch
    {
        EmbeddingTask.Document => "document",
        EmbeddingTask.Query or EmbeddingTask.QuestionAnswering or EmbeddingTask.FactVerification or EmbeddingTask.CodeQuery => "query",
        _ => null,
    };

    /// <summary>Jina's word.</summary>
    public static string? Jina(EmbeddingTask? task) => task switch
    {
        EmbeddingTask.Query or EmbeddingTask.QuestionAnswering or EmbeddingTask.FactVerification or EmbeddingTask.CodeQuery => "retrieval.query",
        EmbeddingTask.Document => "retrieval.passage",
        EmbeddingTask.Similarity => "text-matching",
        EmbeddingTask.Classification => "classification",
        EmbeddingTask.Clustering => "separation",
        _ => null,
    };
}
