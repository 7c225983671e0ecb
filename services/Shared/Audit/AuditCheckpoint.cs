namespace Gateway.Audit;

/// <summary>A signed statement that a chain had a certain row at a certain time.</summary>
public sealed record AuditCheckpoint
{
    /// <summary>The chain.</summary>
    public required string Chain { get; init; }

    /// <summary>The last row of the chain at that time.</summary>
    public required long Sequence { get; init; }

    /// <summary>Hash of that row.</summary>
    public required string Hash { get; init; }

    /// <summary>When it was signed, Unix microseconds.</summary>
    public required long AtMicros { get; init; }

    /// <summary>What it is for.</summary>
    public CheckpointPurpose Purpose { get; set; } = CheckpointPurpose.Checkpoint;

    /// <summary>The key that signed it: the first 16 hex digits of the SHA-256 of its public key.</summary>
    public required string KeyId { get; init; }

    /// <summary>ECDSA P-256 with SHA-256 over the <see cref="CanonicalForm"/>, base64 of the 64 bytes r and s.</summary>
    public string Signature { get; set; } = "";
}

/// <summary>What a checkpoint is for. Numbers are persisted: append only.</summary>
public enum CheckpointPurpose
{
    /// <summary>The chain had come as far as this.</summary>
    Checkpoint = 1,

    /// <summary>The rows up to this one were removed by the retention policy; the chain begins after it.</summary>
    Anchor = 2,
}
