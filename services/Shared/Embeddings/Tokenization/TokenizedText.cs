namespace Gateway.Embeddings.Tokenization;

/// <summary>The outcome of tokenizing one text.</summary>
/// <param name="Count">Tokens written, the two of the frame ([CLS] and [SEP]) included; at least 2.</param>
/// <param name="Truncated">True when the text had more tokens than fitted; the rest was left out.</param>
public readonly record struct TokenizedText(int Count, bool Truncated);
