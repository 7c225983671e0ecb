namespace Gateway.SemanticCache.Storing.Answers;

/// <summary>Where answers lie that do not lie beside their vectors. Faults are <see cref="StoreFault"/>.</summary>
internal interface IAnswerStore
{
    /// <summary>True where answers lie beside their vectors, and nothing here is ever called.</summary>
    bool IsBesideVectors { get; }

    ValueTask PutAsync(Guid id, byte[] bytes, TimeSpan kept, CancellationToken cancellationToken);

    ValueTask<byte[]?> GetAsync(Guid id, CancellationToken cancellationToken);

    ValueTask DeleteAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken);

    /// <summary>Removes what has expired where the server does not do it itself.</summary>
    ValueTask SweepAsync(CancellationToken cancellationToken);
}

/// <summary>Answers beside their vectors.</summary>
internal sealed class BesideVectors : IAnswerStore
{
    public bool IsBesideVectors => true;

    public ValueTask PutAsync(Guid id, byte[] bytes, TimeSpan kept, CancellationToken cancellationToken) => default;

    public ValueTask<byte[]?> GetAsync(Guid id, CancellationToken cancellationToken) => default;

    public ValueTask DeleteAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken) => default;

    public ValueTask SweepAsync(CancellationToken cancellationToken) => default;
}
