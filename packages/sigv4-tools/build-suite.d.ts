export declare function packSuite(): Buffer
